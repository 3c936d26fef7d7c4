// Says of each line of standard input, a query as a JSON string, whether Salesforce's own grammar takes it: `1` or `0`, a line
// each. An org with several currencies and no Apex, of a late version. NODE_PATH tells where the packages are.
'use strict';

const readline = require('node:readline');
const { CommonTokenStream } = require('antlr4ts');
const { LowerCasingCharStream } = require('@salesforce/soql-common/lib/soql-parser/soql-parser');
const { ParserHelper } = require('@salesforce/soql-common/lib/soql-parser/parserHelper');
const { SoqlLexer } = require('@salesforce/soql-common/lib/soql-parser/generated/SoqlLexer');
const { SoqlParser } = require('@salesforce/soql-common/lib/soql-parser/generated/SoqlParser');

function takes(soql) {
  let errors = 0;
  const listener = { syntaxError: () => { errors += 1; } };
  // The package's own entry passes over what is no token at all, such as a semicolon.
  const lexer = new SoqlLexer(new LowerCasingCharStream(soql));
  lexer.removeErrorListeners();
  lexer.addErrorListener(listener);
  const parser = new SoqlParser(new CommonTokenStream(lexer));
  parser.removeErrorListeners();
  parser.addErrorListener(listener);
  parser.helper = new ParserHelper(false, 60.0, true);
  parser.soqlQuery();
  return errors === 0;
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => process.stdout.write(takes(JSON.parse(line)) ? '1\n' : '0\n'));
