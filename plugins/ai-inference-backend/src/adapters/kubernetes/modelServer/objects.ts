import type { NamedObject } from '@greenroom/cluster-client';
import { disruptionBudget } from '../workload/disruptionBudget';
import { networkPolicy } from '../workload/networkPolicy';
import { service } from '../workload/service';
import { serviceAccount } from '../workload/serviceAccount';
import { withMark } from '../workload/withMark';
import { portsOf } from './container';
import { deployment } from './deployment';
import { type WantedModelServer, workloadOf } from './WantedModelServer';

/** What stays while the server does not run: where data planes look for it, and who its pods are. */
export function standingObjects(wanted: WantedModelServer): NamedObject[] {
  const workload = workloadOf(wanted);
  const ports = portsOf(wanted.settings);
  return [
    serviceAccount(workload),
    networkPolicy(
      workload,
      ports.map(({ port }) => port),
    ),
    service(workload, { ports }),
  ].map(withMark);
}

/** What runs, in the order in which it is made. */
export function runningObjects(wanted: WantedModelServer): NamedObject[] {
  return [deployment(wanted), disruptionBudget(workloadOf(wanted))].map(
    withMark,
  );
}
