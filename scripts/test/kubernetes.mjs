// @ts-check
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { ensureGoProgram } from './goProgram.mjs';

/** As `kubernetes/go.mod` names it: without it the server says v0.0.0, and clients misjudge it. */
const VERSION = '1.36.3';
const [MAJOR, MINOR] = VERSION.split('.');
const STAMP = 'k8s.io/component-base/version';

/**
 * Program that is etcd and every part of a Kubernetes control plane, by the name it is called.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export function ensureKubernetes() {
  return ensureGoProgram({
    name: 'kubernetes',
    sources: path.join(root, 'scripts/test/kubernetes'),
    command: '.',
    linkFlags: [
      `-X ${STAMP}.gitVersion=v${VERSION}`,
      `-X ${STAMP}.gitMajor=${MAJOR}`,
      `-X ${STAMP}.gitMinor=${MINOR}`,
    ],
    title:
      'Building the control plane of Kubernetes for tests (once: 5 to 20 minutes)',
  });
}
