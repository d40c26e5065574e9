"""The second judge: SymPy confirms or contradicts the engine's verdict on every formula, outside of the hot path.

It shares the reading of text with the engine and nothing else: what a formula means is worked out here at concrete
sizes, and SymPy differentiates the loss itself.
"""
