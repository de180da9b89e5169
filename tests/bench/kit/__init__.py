"""What the benches are written with: children of the bench and what they cost, phonebook and its
peers, and tables. No bench judges: what a figure should be is for the reader to say."""
