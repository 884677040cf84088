"""dlcore beside torch, and beside what a reader would otherwise pick, on the same work: `python -m benchmarks`."""
