import { useSearchParams } from 'react-router-dom';

const PARAMETER = 'environment';

export interface EnvironmentFilterState<E extends string = string> {
  environments: readonly E[];
  /** undefined: all of them. */
  environment: E | undefined;
  select(environment: E | undefined): void;
}

/** Which environment a page is about, kept in its address so that it can be shared. */
export function useEnvironmentFilter<E extends string>(
  environments: readonly E[],
): EnvironmentFilterState<E> {
  const [parameters, setParameters] = useSearchParams();
  return {
    environments,
    environment: environments.find(name => name === parameters.get(PARAMETER)),
    select: environment =>
      setParameters(environment ? { [PARAMETER]: environment } : {}, {
        replace: true,
      }),
  };
}
