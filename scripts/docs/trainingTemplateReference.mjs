// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../lib/paths.mjs';
import { describeSchema } from './manifestReference.mjs';
import { table } from './table.mjs';

const SCHEMA = path.join(
  root,
  'plugins/ai-training-common/schema/training-template.v1.schema.json',
);
export const PAGE = path.join(root, 'docs/reference/training-template.md');

const VARIABLES = table([
  ['variable', 'value'],
  [
    '`GREENROOM_PARAM_<NAME>`',
    'the value of a parameter; `{{ name }}` in the command is the same',
  ],
  [
    '`GREENROOM_DATASET_<NAME>`',
    'folder with the file of a dataset; `..._URI` where it lies somewhere else',
  ],
  [
    '`GREENROOM_CHECKPOINTS`',
    'folder that the next attempt finds again, where `spec.checkpoints` is set',
  ],
  [
    '`GREENROOM_JOB_ID`, `GREENROOM_REVISION`, `GREENROOM_MODEL`, `GREENROOM_URL`',
    "the job, the commit of the template (of one in a file on the portal's machine the digest of its code), the model, the portal",
  ],
  [
    '`MLFLOW_TRACKING_URI`, `MLFLOW_TRACKING_TOKEN`, `MLFLOW_RUN_ID`, `MLFLOW_EXPERIMENT_ID`',
    "what plain `mlflow` needs to log to the job's run",
  ],
  [
    '`KUBEFLOW_TRAINER_SERVER_URL`, `KUBEFLOW_TRAINER_SERVER_TOKEN`',
    'where progress is told, and the file with the token: callbacks of Kubeflow Trainer work as they are',
  ],
]);

const BEGINNING = `# Training template

\`greenroom/train.yaml\` beside the code says how a model is trained again and again. [Train a model](../how-to/train-a-model.md)
has it in use; this page is its format, \`greenroom.dev/v1\`, made from the JSON schema by
\`node scripts/docs/trainingTemplateReference.mjs\`.

\`\`\`yaml
# yaml-language-server: $schema=https://portal.example.com/api/ai-training/schemas/training-template.v1.json
apiVersion: greenroom.dev/v1
kind: TrainingTemplate
metadata:
  name: digits
spec:
  owner: group:default/vision
  experiment: digits
  model: digits
  program:
    command: [python, train.py, '--epochs={{ epochs }}']
    pythonLock: requirements.lock
  parameters:
    - { name: epochs, type: integer, default: 40, minimum: 1, maximum: 1000 }
  datasets:
    - { name: rows, dataset: digits-train }
  deadlineMinutes: 30
  checkpoints: true
\`\`\`

The portal serves the schema there without a token; \`@greenroom/plugin-ai-training-common\` has it as
\`schema/training-template.v1.schema.json\`. \`greenroom train validate\` holds a file against it.

## What the program finds

${VARIABLES}

The token is good for this job alone. It writes to the job's own run and to what it makes itself, registers versions of
\`spec.model\` and says more of those that its job has registered: it changes neither the model nor other versions, and moves no alias.
It reads the experiment with all its runs and jobs, so that a program can compare itself with the best so far, the model, and the
datasets that the template names. It ends with the attempt.

A program that is told to stop (SIGTERM) saves what it has and ends with another exit code than 0. With 0 it says that it was done.
What fails by no fault of the program, such as a lost node, is tried again \`spec.retries\` times; a program that fails is not.
`;

/**
 * The page for a schema.
 *
 * @param {any} schema
 */
export function trainingTemplateReference(schema) {
  return `${BEGINNING}\n${describeSchema('TrainingTemplate', schema)}`;
}

export function readSchema() {
  return JSON.parse(readFileSync(SCHEMA, 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(PAGE, trainingTemplateReference(readSchema()));
}
