// A tiny app: opens a case for every invoice that was sent and not paid within 30 days.

const DAYS = 30;

/**
 * Opens a case for each overdue invoice that has none yet, and answers the subjects of the new ones.
 * @param {import('jsforce').Connection} connection
 * @param {Date} today
 * @param {(line: string) => void} [log]
 */
export async function openCases(connection, today, log = console.log) {
  const limit = new Date(today.getTime() - DAYS * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const invoices = await connection.query(
    `SELECT Name, Account__c FROM Invoice__c WHERE Status__c = 'Sent' AND Issued__c < ${limit} ORDER BY Name`,
    { autoFetch: true },
  );
  const opened = [];
  for (const invoice of invoices.records) {
    const Subject = `Overdue: ${invoice.Name}`;
    if ((await connection.sobject('Case').count({ Subject })) > 0) continue;
    try {
      await connection.sobject('Case').create({ Subject, AccountId: invoice.Account__c, Priority: 'Medium' });
    } catch (error) {
      if (error?.errorCode !== 'FIELD_CUSTOM_VALIDATION_EXCEPTION') throw error;
      // One that the org refuses is for a person to see; the others are still opened.
      log(`${Subject}: ${error.message}`);
      continue;
    }
    opened.push(Subject);
  }
  return opened;
}
