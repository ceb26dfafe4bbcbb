"""Plans: versions, their tree, logic models, priorities and the evidence they rest on."""
