import type { Entrance } from '../createServer';
import { formatLabels } from '../telemetry/prometheus';
import type { Door } from './Door';
import type { SlotState } from './ServingSlot';

const STATES = [
  'waiting',
  'starting',
  'ready',
  'not-ready',
  'stopping',
  'resting',
  'ended',
] as const;

/** How the serving processes are, in the Prometheus text format. */
export function writeProcesses(how: {
  states: readonly SlotState[];
  /** Processes that have ended by themselves. */
  restarts: number;
  /** Pages that a process did not answer in time. */
  pagesMissing: number;
  doors: readonly Pick<Door, 'entrance' | 'waiting' | 'refused'>[];
  /** How many connections the process of a place has; undefined where it takes none. */
  connectionsOf: (index: number, entrance: Entrance) => number | undefined;
}): string {
  const { states, restarts, pagesMissing, doors, connectionsOf } = how;
  const names = states.map(nameOf);
  return [
    ...declare('greenroom_processes', 'gauge', 'Serving processes.'),
    ...STATES.map(
      state =>
        `greenroom_processes${formatLabels({ state })} ${
          names.filter(name => name === state).length
        }`,
    ),
    ...declare(
      'greenroom_process_restarts_total',
      'counter',
      'Serving processes that ended by themselves, or hung, and are replaced.',
    ),
    `greenroom_process_restarts_total ${restarts}`,
    ...declare(
      'greenroom_process_pages_missing_total',
      'counter',
      'Serving processes that a metrics page went without, since they did not answer.',
    ),
    `greenroom_process_pages_missing_total ${pagesMissing}`,
    ...declare(
      'greenroom_process_connections',
      'gauge',
      'Connections that a serving process has.',
    ),
    ...states.flatMap((_, index) =>
      doors.map(({ entrance }) => {
        const of = formatLabels({ process: String(index + 1), entrance });
        const connections = connectionsOf(index, entrance) ?? 0;
        return `greenroom_process_connections${of} ${connections}`;
      }),
    ),
    ...declare(
      'greenroom_connections_waiting',
      'gauge',
      'Connections that no serving process was given yet.',
    ),
    ...doors.map(
      ({ entrance, waiting }) =>
        `greenroom_connections_waiting${formatLabels({ entrance })} ${waiting}`,
    ),
    ...declare(
      'greenroom_connections_refused_total',
      'counter',
      'Connections that were closed since too many waited for a serving process.',
    ),
    ...doors.map(
      ({ entrance, refused }) =>
        `greenroom_connections_refused_total${formatLabels({
          entrance,
        })} ${refused}`,
    ),
    '',
  ].join('\n');
}

function nameOf(state: SlotState): (typeof STATES)[number] {
  if (state.state !== 'serving') return state.state;
  return state.isReady ? 'ready' : 'not-ready';
}

function declare(name: string, type: 'gauge' | 'counter', help: string) {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
