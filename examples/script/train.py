"""A training script as people have them: argparse, folders from the environment, prints, a model file at the end.

Nothing in it knows of DI-X. It runs in SageMaker's script mode as it is, and by hand:

    python train.py --train digits/train --test digits/test --model-dir out
"""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

logger = logging.getLogger(__name__)
logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")


class Net(nn.Module):
    """Two convolutions and two dense layers, for 8 x 8 pixels."""

    def __init__(self, classes, dropout):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(64 * 4 * 4, 128),
            nn.ReLU(),
            nn.Linear(128, classes),
        )

    def forward(self, images):
        return self.layers(images)


def load(folder):
    """Images of class folders, and the number of each one's class."""
    folder = Path(folder)
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    images, targets = [], []
    for target, name in enumerate(names):
        for path in sorted((folder / name).glob("*.png")):
            images.append(np.asarray(Image.open(path), dtype=np.float32) / 255)
            targets.append(target)
    return TensorDataset(torch.tensor(np.stack(images))[:, None], torch.tensor(targets)), names


def test(model, loader, device):
    """The share of right answers."""
    model.eval()
    right = 0
    with torch.no_grad():
        for images, targets in loader:
            right += (model(images.to(device)).argmax(1).cpu() == targets).sum().item()
    return right / len(loader.dataset)


def train(args):
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if args.num_gpus > 0 and torch.cuda.is_available() else "cpu")
    training, names = load(args.train)
    testing, _ = load(args.test)
    loader = DataLoader(training, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(testing, batch_size=1000)
    model = Net(len(names), args.dropout).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        model.train()
        total = 0.0
        for images, targets in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images.to(device)), targets.to(device))
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
        accuracy = test(model, test_loader, device)
        logger.info("epoch=%d loss=%.4f accuracy=%.4f", epoch, total / len(training), accuracy)
    torch.save(model.cpu().state_dict(), os.path.join(args.model_dir, "model.pth"))
    Path(args.model_dir, "labels.json").write_text(json.dumps(names))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=64, help="images at a time")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the training images")
    parser.add_argument("--lr", type=float, default=0.002, help="learning rate")
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model-dir", type=str, default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--train", type=str, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--test", type=str, default=os.environ.get("SM_CHANNEL_TEST"))
    parser.add_argument("--num-gpus", type=int, default=int(os.environ.get("SM_NUM_GPUS", 0)))
    train(parser.parse_args())
