/** What somebody looks at on the page of an experiment. It stays in the address, and can be sent to somebody else. */
export interface ExperimentView {
  /** In MLflow's language. */
  filter: string;
  /** By an attribute, such as `start_time`, or a field, such as `metrics.loss`; the newest first otherwise. */
  sort?: { by: string; ascending: boolean };
  /** Fields that have a column; undefined where nobody chose. */
  columns?: string[];
  /** Deleted runs instead of the others. */
  deleted: boolean;
  /** Ids of runs that are compared. */
  selected: string[];
  tab: Tab;
  /** Names of metrics that have a chart; undefined where nobody chose. */
  metrics?: string[];
  /** Weight of what came before, 0 to 0.99. */
  smoothing: number;
  axis: 'step' | 'seconds';
  scale: 'linear' | 'log';
  /** Rows of the comparison that are the same everywhere. */
  showEqual: boolean;
  /** Fields of the two axes of points. */
  x?: string;
  y?: string;
}

export const TABS = [
  { id: 'curves', title: 'Curves' },
  { id: 'differences', title: 'Differences' },
  { id: 'points', title: 'Points' },
  { id: 'parallel', title: 'Parallel coordinates' },
  { id: 'correlation', title: 'Rank correlation' },
] as const;

export type Tab = (typeof TABS)[number]['id'];

/** As many as one request for curves takes. */
export const MOST_SELECTED = 100;
const MOST_SMOOTHING = 0.99;

/** What the address says; what makes no sense there counts as not said. */
export function readView(params: URLSearchParams): ExperimentView {
  const list = (name: string) =>
    params.has(name) ? params.getAll(name).filter(Boolean) : undefined;
  const [, by, order] =
    /^(.+)-(asc|desc)$/s.exec(params.get('sort') ?? '') ?? [];
  const smoothing = Number(params.get('smoothing'));
  const tab = TABS.find(({ id }) => id === params.get('tab'));
  return {
    filter: params.get('filter') ?? '',
    ...(by && { sort: { by, ascending: order === 'asc' } }),
    columns: list('column'),
    deleted: params.get('runs') === 'deleted',
    selected: [...new Set(list('run'))].slice(0, MOST_SELECTED),
    tab: tab?.id ?? 'curves',
    metrics: list('metric'),
    smoothing: smoothing > 0 && smoothing <= MOST_SMOOTHING ? smoothing : 0,
    axis: params.get('axis') === 'seconds' ? 'seconds' : 'step',
    scale: params.get('scale') === 'log' ? 'log' : 'linear',
    showEqual: params.get('equal') === 'shown',
    x: params.get('x') ?? undefined,
    y: params.get('y') ?? undefined,
  };
}

/** The address with this view; what is usual is left out. */
export function writeView(
  params: URLSearchParams,
  view: ExperimentView,
): URLSearchParams {
  const next = new URLSearchParams(params);
  const write = (name: string, value: string | false | undefined) => {
    if (value) next.set(name, value);
    else next.delete(name);
  };
  const writeList = (name: string, values: string[] | undefined) => {
    next.delete(name);
    if (!values) return;
    // None of them is a choice, too.
    for (const value of values.length > 0 ? values : ['']) {
      next.append(name, value);
    }
  };
  const { sort } = view;
  write('filter', view.filter);
  write('sort', sort && `${sort.by}-${sort.ascending ? 'asc' : 'desc'}`);
  writeList('column', view.columns);
  write('runs', view.deleted && 'deleted');
  writeList('run', view.selected.length > 0 ? view.selected : undefined);
  write('tab', view.tab !== 'curves' && view.tab);
  writeList('metric', view.metrics);
  write('smoothing', view.smoothing > 0 && String(view.smoothing));
  write('axis', view.axis !== 'step' && view.axis);
  write('scale', view.scale !== 'linear' && view.scale);
  write('equal', view.showEqual && 'shown');
  write('x', view.x);
  write('y', view.y);
  return next;
}
