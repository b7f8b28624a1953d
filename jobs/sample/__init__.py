"""The sample app: a plausible log with known dirt, and beside it the truth that tests may compare with.

Everything follows from a seed. Behaviour is written so that the truth is exact: whatever steers an
event is either drawn once for the whole population or a formula of user, item and day (`propensity`),
and the same formulas answer what the true probabilities were (`truth`).
"""
