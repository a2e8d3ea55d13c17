// @ts-check
const INPUTS = { digits: 'pixels', diabetes: 'features' };

/**
 * An Open Inference Protocol request for some rows.
 *
 * @param {string} model
 * @param {number[][]} rows
 * @returns {{ path: string, body: string }}
 */
export function createPredictRequest(model, rows) {
  return {
    path: `/v2/models/${model}/infer`,
    body: JSON.stringify({ inputs: [createInput(model, rows)] }),
  };
}

/** One of the mistakes that callers make; each is to be refused with a 4xx status. */
export function createBrokenRequest(model, row, random) {
  const good = createPredictRequest(model, [row]);
  const [input] = JSON.parse(good.body).inputs;
  const withInput = changes => ({
    path: good.path,
    body: JSON.stringify({ inputs: [{ ...input, ...changes }] }),
  });
  return random.pick([
    () => withInput({ name: 'image' }),
    () => withInput({ datatype: 'INT32' }),
    () => withInput({ shape: [1, row.length - 1], data: row.slice(1) }),
    () => withInput({ data: row.slice(1) }),
    () => withInput({ data: row.map(value => `${value} units`) }),
    () => ({ path: good.path, body: good.body.slice(0, -9) }),
    () => ({ path: `/v2/models/${model}/versions/999/infer`, body: good.body }),
  ])();
}

function createInput(model, rows) {
  return {
    name: INPUTS[model],
    datatype: 'FP32',
    shape: [rows.length, rows[0].length],
    data: rows.flat(),
  };
}
