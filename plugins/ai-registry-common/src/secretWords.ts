/** Words in a name of something that holds a secret, or says where one lies. */
export const SECRET_WORDS =
  /secret|password|passphrase|passwd|credential|private|access_?key|token$|(?:^|[a-z0-9_.-])key$/i;
