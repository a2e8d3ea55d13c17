/** What a shell needs before MLflow's client logs here. */
export function trackingSettings(trackingUri: string): string {
  return `export MLFLOW_TRACKING_URI=${trackingUri}
export MLFLOW_TRACKING_TOKEN=$GREENROOM_TOKEN
pip install mlflow`;
}

/** A script that logs a run with all that the pages show. */
export function firstRunScript(experiment: string): string {
  return `import mlflow

mlflow.set_experiment(${JSON.stringify(experiment)})
with mlflow.start_run():
    mlflow.log_params({"learning_rate": 0.1, "depth": 3})
    for epoch in range(20):
        mlflow.log_metric("loss", 1 / (epoch + 1), step=epoch)`;
}
