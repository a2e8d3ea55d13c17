import { StatusPill, StatusTone } from './StatusPill';

export interface HealthPillProps {
  status: 'healthy' | 'warning' | 'alert' | 'no-data';
}

const LOOK: Record<HealthPillProps['status'], [StatusTone, string]> = {
  healthy: ['good', 'Healthy'],
  warning: ['warning', 'Warning'],
  alert: ['bad', 'Alert'],
  'no-data': ['neutral', 'No traffic'],
};

/** A model's health in one word; no traffic is not green. */
export function HealthPill({ status }: HealthPillProps) {
  const [tone, text] = LOOK[status];
  return <StatusPill tone={tone}>{text}</StatusPill>;
}
