// What a script for Node.js reports of its checks: `passed<TAB>WHAT` or `failed<TAB>WHAT<TAB>WHY`, a line for each.
'use strict';

// A mock that never answers must fail the run, not hang it.
setTimeout(() => {
  console.log('failed\tthe run ends within two minutes\tsomething was never answered');
  process.exit(1);
}, 120_000).unref();

async function check(what, body) {
  try {
    await body();
    console.log(`passed\t${what}`);
  } catch (error) {
    process.exitCode = 1;
    const why = `${error.errorCode ?? error.name}: ${error.message}`.replace(/\s+/g, ' ');
    console.log(`failed\t${what}\t${why}`);
  }
}

module.exports = { check };
