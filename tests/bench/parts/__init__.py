"""What only the benches use: phonebook and its peers, attackers and their victims, and tables. No bench judges: what
a figure should be is for the reader to say."""
