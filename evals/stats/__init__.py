"""How sure a figure is: intervals and paired comparisons, resampled by document."""
