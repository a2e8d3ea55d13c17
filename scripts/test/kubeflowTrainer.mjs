// @ts-check
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { moduleFolder } from './clusterKinds.mjs';
import { ensureGoProgram } from './goProgram.mjs';

/** As `trainer/go.mod` names them. */
const TRAINER = 'github.com/kubeflow/trainer/v2@v2.3.0';
const JOBSET = 'sigs.k8s.io/jobset@v0.12.0';
const SOURCES = path.join(root, 'scripts/test/trainer');

/** What of their modules installs them in a cluster, by where it is put. */
const FILES = {
  'install/trainer/kinds': [TRAINER, 'manifests/base/crds'],
  'install/trainer/webhooks.yaml': [
    TRAINER,
    'manifests/base/webhook/manifests.yaml',
  ],
  'install/trainer/torch_distributed.yaml': [
    TRAINER,
    'manifests/base/runtimes/torch_distributed.yaml',
  ],
  'install/jobset/kinds': [JOBSET, 'config/components/crd/bases'],
  'install/jobset/webhooks.yaml': [
    JOBSET,
    'config/components/webhook/manifests.yaml',
  ],
};

/**
 * Folder with the managers of Kubeflow Trainer and JobSet, and with what installs them in a cluster.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build them with
 */
export async function ensureKubeflowTrainer() {
  const trainer = await ensureGoProgram({
    name: 'kubeflow-trainer',
    sources: SOURCES,
    command: 'github.com/kubeflow/trainer/v2/cmd/trainer-controller-manager',
    title: 'Building Kubeflow Trainer for tests (once: 2 to 10 minutes)',
  });
  const jobset = await ensureGoProgram({
    name: 'kubeflow-trainer',
    sources: SOURCES,
    command: 'sigs.k8s.io/jobset',
    title: 'Building JobSet for tests (once: a minute)',
  });
  if (!trainer || !jobset) return undefined;
  const folder = path.dirname(trainer);
  for (const [target, [module, source]] of Object.entries(FILES)) {
    const file = path.join(folder, target);
    if (existsSync(file)) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    const from = moduleFolder(module);
    if (from === undefined) return undefined;
    cpSync(path.join(from, source), file, { recursive: true });
  }
  return folder;
}
