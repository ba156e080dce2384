"""Kernels: arrays in, arrays out, compiled ahead of time; `plan` says how a run is put into arrays."""
