"""Clean both raw files, join them, and derive the features."""

import numpy as np
import pandas as pd

patients = pd.read_csv("data/raw/patients.csv", parse_dates=["birth_date", "consent_date"])
measured = pd.read_csv("data/raw/measurements.csv", parse_dates=["visit_date"])

patients = patients.dropna(subset=["consent_date"]).drop_duplicates("patient_id")
measured = measured[measured["mean_radius"] > 0]

joined = measured.merge(patients, on="patient_id", how="inner")
joined = joined[joined["consent_date"] <= joined["visit_date"]]

features = pd.DataFrame(
    {
        "patient_id": joined["patient_id"],
        "age_at_visit": (joined["visit_date"] - joined["birth_date"]).dt.days / 365.25,
        "radius": joined["mean_radius"],
        "radius_spread": joined["worst_radius"] / joined["mean_radius"],
        "texture_spread": joined["worst_texture"] / joined["mean_texture"],
        "area_log": np.log1p(joined["mean_area"]),
        "smoothness": joined["mean_smoothness"],
        "smoothness_change": joined["worst_smoothness"] - joined["mean_smoothness"],
        "compactness": joined["mean_compactness"].clip(upper=joined["mean_compactness"].quantile(0.99)),
        "concavity_share": joined["mean_concave_points"] / (joined["mean_concavity"] + 1e-6),
        "symmetry": joined["mean_symmetry"].fillna(joined["mean_symmetry"].median()),
        "fractal_change": joined["worst_fractal_dimension"] - joined["mean_fractal_dimension"],
        "visit_quarter": joined["visit_date"].dt.quarter,
    }
)
features["size_group"] = pd.cut(features["radius"], bins=[0, 12, 15, 99], labels=["small", "medium", "large"])
features["malignant"] = 1 - joined["benign"]

features.sort_values("patient_id").to_csv("data/features.csv", index=False)
print(f"{len(features)} patients, {features.shape[1] - 2} features")
