// What the connector says when a call fails.

/** The `error` record of the WIT: what went wrong, sorted by what the caller may do next. */
export class ConnectorError extends Error {
  constructor({ message, ...said }) {
    super(message);
    this.name = 'ConnectorError';
    Object.assign(this, said);
  }
}
