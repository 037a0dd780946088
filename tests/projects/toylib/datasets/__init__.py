from .toy import ToyDataset, ToyImage

__all__ = ['ToyDataset', 'ToyImage']
