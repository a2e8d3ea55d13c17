// Trains something that diverges: its loss is no number any more, and then no finite one.
const server = process.env.MLFLOW_TRACKING_URI;
const run_id = process.env.MLFLOW_RUN_ID;
const timestamp = Date.now();
const values = {
  loss: [0.9, 0.5, 'NaN', 'Infinity', 'NaN'],
  accuracy: ['NaN'],
  gap: ['-Infinity'],
};
const response = await fetch(`${server}/api/2.0/mlflow/runs/log-batch`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${process.env.MLFLOW_TRACKING_TOKEN}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({
    run_id,
    metrics: Object.entries(values).flatMap(([key, all]) =>
      all.map((value, step) => ({ key, value, timestamp, step })),
    ),
  }),
});
console.log(response.status, await response.text());
if (!response.ok) process.exit(1);
