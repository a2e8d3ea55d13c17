import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type ExperimentView, readView, writeView } from './view';

/** What somebody looks at, and a function that changes parts of it. */
export function useView(): [
  ExperimentView,
  (changes: Partial<ExperimentView>) => void,
] {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const change = useCallback(
    (changes: Partial<ExperimentView>) =>
      setParams(old => writeView(old, { ...readView(old), ...changes }), {
        replace: true,
      }),
    [setParams],
  );
  return [view, change];
}
