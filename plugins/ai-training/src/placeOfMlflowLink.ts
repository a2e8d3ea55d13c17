/**
 * The page that shows what a link of MLflow's client is about.
 *
 * @param hash - of the link, such as `#/experiments/1/runs/0123456789abcdef0123456789abcdef`
 * @returns a path below that of the experiments; empty for what there is no page of
 */
export function placeOfMlflowLink(hash: string): string {
  const run = /^#\/experiments\/\d+\/runs\/(\w+)/.exec(hash);
  if (run) return `runs/${run[1]}`;
  const experiment = /^#\/experiments\/(\d+)/.exec(hash);
  return experiment ? `experiments/${experiment[1]}` : '';
}
