import { StatusPill, StatusTone } from './StatusPill';

export interface HealthPillProps {
  status: 'healthy' | 'partly-watched' | 'warning' | 'alert' | 'no-data';
}

const LOOK: Record<HealthPillProps['status'], [StatusTone, string]> = {
  healthy: ['good', 'Healthy'],
  // Not green: what is not seen may be wrong.
  'partly-watched': ['neutral', 'Partly watched'],
  warning: ['warning', 'Warning'],
  alert: ['bad', 'Alert'],
  'no-data': ['neutral', 'No traffic'],
};

/** A model's health in one word; neither no traffic nor half a view is green. */
export function HealthPill({ status }: HealthPillProps) {
  const [tone, text] = LOOK[status];
  return <StatusPill tone={tone}>{text}</StatusPill>;
}
