"""A plug-in that lies in the working folder and is in no package."""

from mmengine.hooks import Hook
from my_project.registry import HOOKS


@HOOKS.register_module()
class TellTowers(Hook):
    """Say before training how large the head is."""

    def before_train(self, runner):
        runner.logger.info(f'the head has {runner.model.bbox_head.towers()} convolutions')
