using System.Globalization;
using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    /// <summary>What a route did in the last minutes.</summary>
    /// <param name="minutes">Length of the window, 1 to 43,200 (30 days).</param>
    public Task<LiveRoute> GetLiveRouteAsync(string name, int minutes, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<LiveRoute>(Call.Get(Query.With(Route(name) + "/live", ("minutes", minutes.ToString(CultureInfo.InvariantCulture)))), cancellationToken);

    /// <summary>Says what became of decisions of a route; saying it again changes nothing.</summary>
    /// <param name="outcomes">1 to 10,000.</param>
    public Task<OutcomesReceived> ReportOutcomesAsync(string name, IReadOnlyList<DecisionOutcome> outcomes, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<OutcomesReceived>(Call.Command(Route(name) + "/outcomes", idempotencyKey: null, Bodies.Json(new ReportOutcomesRequest(outcomes))), cancellationToken);
}
