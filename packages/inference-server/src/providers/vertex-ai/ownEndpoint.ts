/** How a version names an endpoint of the project's own. */
export const OWN_ENDPOINT = /^endpoints\/[A-Za-z0-9-]{1,63}$/;
