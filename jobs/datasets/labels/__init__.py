"""What happened to users after a cut: one file per prediction, each a pure function of the days after it."""
