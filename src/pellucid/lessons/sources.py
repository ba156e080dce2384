"""The five tutorials that the lessons follow, and where they part from them."""

MOONS = 'D. Britz, "Implementing a Neural Network from Scratch in Python" (WildML, 2015)'
ELU = 'the post that builds a NumPy network of ELU units for two half moons ("network" class, a = 2)'
CLOUDS = '"Neural networks from scratch in Python" (21 September 2016)'
NEURON = '"Introduction to Neural Network From Scratch in Python"'
PART_2 = 'N. S. Chauhan, "Build an Artificial Neural Network From Scratch: Part 2"'
