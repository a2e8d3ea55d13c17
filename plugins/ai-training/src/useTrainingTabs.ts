import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  costsRouteRef,
  experimentsRouteRef,
  jobsRouteRef,
  queueRouteRef,
  templatesRouteRef,
} from './routes';

/** The parts of the pages of training. */
export function useTrainingTabs(): {
  id: string;
  label: string;
  href: string;
}[] {
  const toExperiments = useRouteRef(experimentsRouteRef);
  const toJobs = useRouteRef(jobsRouteRef);
  const toTemplates = useRouteRef(templatesRouteRef);
  const toQueue = useRouteRef(queueRouteRef);
  const toCosts = useRouteRef(costsRouteRef);
  return [
    { id: 'experiments', label: 'Experiments', href: toExperiments?.() },
    { id: 'jobs', label: 'Jobs', href: toJobs?.() },
    { id: 'templates', label: 'Templates', href: toTemplates?.() },
    { id: 'queue', label: 'Queue', href: toQueue?.() },
    { id: 'costs', label: 'Costs', href: toCosts?.() },
  ].flatMap(({ href, ...tab }) => (href === undefined ? [] : { ...tab, href }));
}
