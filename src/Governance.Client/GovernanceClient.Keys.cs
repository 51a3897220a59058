using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<KeyDetails> GetKeysAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<KeyDetails>(Call.Get("api/v1/keys"), cancellationToken);

    /// <exception cref="GovernanceException">Code <c>no-newer-key</c> when the keys are given from outside and no newer one is.</exception>
    public Task<KeyDetails> RollKeysAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<KeyDetails>(Call.Command("api/v1/keys/roll", null), cancellationToken);
}
