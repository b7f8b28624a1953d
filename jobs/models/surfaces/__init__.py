"""Lists of every surface, cut from a recommender's candidates, with their limits and their reasons."""
