"""What the laws are tried on: numbers at their edges, policies as TOML text, and raw tables of facts.

Policies are drawn part by part, in the order in which their parts may read each other, typed and well scoped, with an
estimate of how large each number can get; so most of them compile. Facts are made for a program, from a seed for each
subject: Hypothesis drops subjects when it looks for a smaller example, and draws nothing for each single cell.
"""
