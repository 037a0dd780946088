from .parts import CountHook, ToyMetric

__all__ = ['CountHook', 'ToyMetric']
