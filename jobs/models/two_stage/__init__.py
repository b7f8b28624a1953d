"""Candidates of many sources, ranked by trees: the recommender that has to beat every single source."""
