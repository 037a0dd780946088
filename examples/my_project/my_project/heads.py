"""A head on top of mmdet's chain: RetinaHead -> AnchorHead -> BaseDenseHead -> BaseModule."""

from mmdet.models.dense_heads import RetinaHead
from torch import nn

from my_project.registry import MODELS, PRIORS


class SlimHead(RetinaHead):
    """A RetinaHead whose two towers are one."""

    def _init_layers(self):
        super()._init_layers()
        # One tower does for both tasks.
        self.reg_convs = self.cls_convs

    def towers(self):
        """How many convolutions there are before the last ones."""
        return len({id(conv) for conv in [*self.cls_convs, *self.reg_convs]})


@MODELS.register_module()
class PriorHead(SlimHead):
    """A slim head whose classification starts from a prior."""

    def __init__(self, num_classes, *args, prior=None, **kwargs):
        self.prior = PRIORS.build(dict(prior or dict(type='PerClassPrior'), num_classes=num_classes))
        super().__init__(num_classes, *args, **kwargs)

    def _init_layers(self):
        super()._init_layers()
        nn.init.constant_(self.retina_cls.bias, self.prior.bias())
