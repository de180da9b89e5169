"""What only the benches use: phonebook and the programs that it is compared with, attackers and their victims, and
tables. A bench measures; whether a figure is good is for the reader to judge."""
