import {
  ApiFactoryRegistry,
  ApiProvider,
  ApiResolver,
} from '@backstage/core-app-api';
import { compatWrapper } from '@backstage/core-compat-api';
import { alertApiRef, useApi } from '@backstage/core-plugin-api';
import { toastApiRef, useApiHolder } from '@backstage/frontend-plugin-api';
import { type ComponentType, type ReactNode, useMemo } from 'react';
import { AlertingToasts } from './AlertingToasts';

/**
 * A component of the new frontend system as an app of the old one can show it: what it asks the app
 * for is translated.
 */
export function inLegacyApp<TProps extends object>(
  Component: ComponentType<TProps>,
): (props: TProps) => JSX.Element {
  return function InLegacyApp(props) {
    return compatWrapper(
      <ToastsAsAlerts>
        <Component {...props} />
      </ToastsAsAlerts>,
    );
  };
}

function ToastsAsAlerts({ children }: { children: ReactNode }) {
  const present = useApiHolder().get(toastApiRef);
  const alerts = useApi(alertApiRef);
  const apis = useMemo(() => {
    const registry = new ApiFactoryRegistry();
    registry.register('default', {
      api: toastApiRef,
      deps: {},
      factory: () => new AlertingToasts(alerts),
    });
    return new ApiResolver(registry);
  }, [alerts]);
  return present ? (
    <>{children}</>
  ) : (
    <ApiProvider apis={apis}>{children}</ApiProvider>
  );
}
