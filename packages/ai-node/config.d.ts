export interface Config {
  backend?: {
    auth?: {
      externalAccess?: {
        /** `greenroom`: a token with scopes, of a program; the options that follow are for it. */
        type?: string;
        options?: {
          /**
           * Left out: one token, with `token` or `sha256`. `portal`: all that administrators issue in
           * the portal; nothing else is written then. `oidc`: those that an issuer such as GitHub
           * gives to runs of workflows.
           */
          from?: string;
          /** In histories `service:<name>`. */
          name?: string;
          /** Entity ref of the group or user that answers for it. */
          owner?: string;
          /**
           * At least 24 characters.
           * @visibility secret
           */
          token?: string;
          /** SHA-256 of the token, in the place of it. */
          sha256?: string;
          /** From when on it is refused, ISO 8601; never when left out. */
          expiresAt?: string;
          /**
           * Of `oidc`: `iss` of the tokens, such as https://token.actions.githubusercontent.com.
           * HTTPS, or HTTP on this machine.
           */
          issuer?: string;
          /** Of `oidc`: where the issuer's public keys are; its own document says it when left out. */
          jwksUrl?: string;
          /** Of `oidc`: `aud` that the tokens must have, such as the portal's address. */
          audience?: string;
          /**
           * Of `oidc`: what each claim must be, by its name; an asterisk stands for any characters but
           * slashes and colons, a list for one of several. One of repository, repository_id,
           * project_path, sub is needed, and one of ref, environment, job_workflow_ref, sub.
           */
          claims?: { [name: string]: string | string[] };
          /** What it may do. */
          scopes?: {
            /** Name of a permission. */
            permission: string;
            /** Patterns `<environment>/<model>`; everything that the permission is about when left out. */
            on?: string | string[];
          }[];
          /** Plugins of Backstage that ask for no permission, and that it may call. */
          plugins?: string[];
        };
      }[];
    };
  };
  greenroom?: {
    /**
     * A port for data planes alone, which show a certificate there; the portal's port, which people's browsers reach,
     * cannot ask for one. The same routes and tokens as on that one.
     */
    dataPlaneEntrance?: {
      /** Port to listen on; 0 for any free one. */
      port: number;
      /** Address to listen on. Default 0.0.0.0. */
      host?: string;
      /** PEM file of the certificate that data planes are shown. It is read anew when it changes, as the other files are. */
      certFile: string;
      /** PEM file of its private key. */
      keyFile: string;
      /** PEM file of the authorities one of which signed the certificates of data planes. */
      clientCaFile: string;
    };
    /**
     * Where the pages are in the portal, as links of notifications and of the catalog's entities have
     * them. An app of the new frontend system says that in `app.extensions`, which is read; one of the
     * old system, where the routes are code, says here what it chose if it is not the default.
     */
    pages?: {
      /** @default /ai-registry */
      'ai-registry'?: string;
      /** @default /ai-inference */
      'ai-inference'?: string;
      /** @default /ai-monitoring */
      'ai-monitoring'?: string;
    };
  };
}
