"""Statistics of scores: intervals and paired comparisons, resampled by document."""
