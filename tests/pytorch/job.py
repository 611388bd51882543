"""Trains a small network in three passes, validates it, saves, loads and uses it."""

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, TensorDataset

import lineproof

torch.manual_seed(7)
torch.set_num_threads(1)
loan = pd.read_csv("loan.csv")
features = torch.tensor(loan[["age", "income", "debt"]].values, dtype=torch.float32)
target = torch.tensor(loan["bad"].values, dtype=torch.float32)
train = DataLoader(TensorDataset(features[:150], target[:150]), batch_size=32, shuffle=True)
valid = DataLoader(TensorDataset(features[150:], target[150:]), batch_size=32)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))

    def forward(self, x):
        return self.layers(x).squeeze(1)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_of = torch.nn.BCEWithLogitsLoss()
for epoch in range(3):
    for x, y in train:
        optimizer.zero_grad()
        loss_of(net(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        right = sum(int(((net(x) > 0) == y.bool()).sum()) for x, y in valid)
    lineproof.metric("valid.accuracy", right / 50, epoch)
torch.save({"model": net.state_dict(), "epoch": 3}, "net.pt")

again = Net()
again.load_state_dict(torch.load("net.pt")["model"])
scripted = torch.jit.script(again)
with torch.no_grad():
    scores = torch.sigmoid(scripted(features)).numpy()
np.savetxt("scores.txt", scores)
lineproof.log_predictions(again, ids=loan["id"], outputs=scores)
