// @ts-check
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { KUEUE, moduleFolder } from './clusterKinds.mjs';
import { ensureGoProgram } from './goProgram.mjs';

/** What of its module installs it in a cluster, by where it is put. */
const FILES = {
  'install/kinds': 'config/components/crd/bases',
  'install/webhooks.yaml': 'config/components/webhook/manifests.yaml',
  'install/visibility': 'config/components/visibility',
};

/**
 * Folder with the manager of Kueue, and with what installs it in a cluster.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export async function ensureKueueManager() {
  const program = await ensureGoProgram({
    name: 'kueue',
    sources: path.join(root, 'scripts/test/kueue'),
    command: 'sigs.k8s.io/kueue/cmd/kueue',
    // In its image this is /visibility, which not everybody may make.
    linkFlags: ['-X sigs.k8s.io/kueue/pkg/visibility.certDir=visibility'],
    title: 'Building Kueue for tests (once: 2 to 10 minutes)',
  });
  const module = program && moduleFolder(KUEUE);
  if (!module) return undefined;
  const folder = path.dirname(program);
  for (const [target, source] of Object.entries(FILES)) {
    const file = path.join(folder, target);
    if (existsSync(file)) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    cpSync(path.join(module, source), file, { recursive: true });
  }
  return folder;
}
