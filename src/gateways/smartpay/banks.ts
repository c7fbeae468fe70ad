/** "Supported Banks" of SmartPay's document: the paybills of banks that a key may pay out to. */
const banks: ReadonlyMap<string, string> = new Map([
  ['111777', 'ABC Bank'],
  ['303030', 'Absa Bank'],
  ['972900', 'Bank of Africa'],
  ['247247', 'Equity Bank'],
  ['222111', 'Family Bank Ltd'],
  ['542542', 'I&M Bank'],
  ['522522', 'KCB (522522)'],
  ['522533', 'KCB (522533)'],
  ['547700', 'National Bank'],
  ['488488', 'NIC Bank'],
  ['600100', 'Stanbic Bank'],
  ['329329', 'Standard Chartered Bank'],
  ['516600', 'Diamond Trust Bank (DTB)'],
  ['700201', 'Eco Bank'],
  ['400200', 'Co-operative Bank (400200)'],
  ['400222', 'Co-operative Bank (400222)'],
  ['100400', 'Housing Finance (HFC)'],
  ['4156839', 'SMARTPAY WALLET'],
  ['200999', 'Post Office Savings Bank'],
  ['982800', 'Prime Bank'],
  ['559900', 'UBA Bank'],
  ['888600', 'Century Microfinance Bank'],
  ['508400', 'Consolidated Bank'],
  ['972700', 'Credit Bank'],
  ['498100', 'Equatorial Commercial Bank'],
  ['328585', 'Faulu Microfinance Bank'],
  ['919700', 'First Community Bank'],
  ['344500', 'Guardian Bank'],
  ['985050', 'Gulf African Bank'],
  ['529901', 'Jamii Bora Bank'],
  ['910200', 'JT Bank'],
  ['111999', 'K-Rep Bank'],
  ['101200', 'Kenya Women Microfinance Bank'],
  ['333222', 'Mkopa'],
  ['514000', 'Musoni Microfinance'],
  ['802200', 'Rafiki Microfinance Bank'],
  ['777001', 'SMEP Microfinance Bank'],
  ['862862', 'Transnational Bank'],
  ['504600', 'Uwezo Microfinance Bank'],
  ['200555', 'Vision Fund Kenya'],
]);

export const bankCodes: readonly string[] = [...banks.keys()];

/** "Equity Bank"; a code that SmartPay added since is shown as it is. */
export function bankName(code: string): string {
  return banks.get(code) ?? `Bank ${code}`;
}
