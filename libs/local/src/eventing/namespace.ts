/** The namespace of a resource that names none. */
export const DEFAULT_NAMESPACE = 'default';
