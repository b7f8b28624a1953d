"""What users will do: one file per part of a model, and one road for all of them."""
