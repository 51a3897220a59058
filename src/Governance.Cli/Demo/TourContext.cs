using System.Globalization;
using Governance.Cli.Demo.Lenders;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;

namespace Governance.Cli.Demo;

/// <summary>What the steps of one tour share: the gateway as each persona, the lender, the facts so far, the narration.</summary>
internal sealed class TourContext(Session session, Output output, TourFolder folder, Lender lender, string? dataFolder, TourFacts facts)
{
    private readonly Dictionary<string, GovernanceClient> clients = new(StringComparer.Ordinal);
    private readonly List<string> lines = [];
    private readonly List<string> proved = [];

    public TourFacts Facts { get; private set; } = facts;

    public Lender Lender => lender;

    public TourFolder Folder => folder;

    /// <summary>Data folder of the gateway on this machine; null when it was not given.</summary>
    public string? DataFolder => dataFolder;

    public string ModelId => $"{lender.Id}-{Facts.RunId}";

    public string TrainingId(LenderModel model) => $"{lender.Id}-{model.Training.Name}-{Facts.RunId}";

    public string EvaluationId(LenderModel model) =>
        $"{lender.Id}-test{lender.Models.ToList().IndexOf(model) + 1}-{Facts.RunId}";

    public GovernanceClient As(string persona)
    {
        if (!clients.TryGetValue(persona, out var client))
        {
            clients[persona] = client = session.As(persona);
        }

        return client;
    }

    public GovernanceClient Anonymous => clients.TryGetValue("", out var client) ? client : clients[""] = session.Anonymous();

    /// <summary>An idempotency key: the same for the same act of the same tour.</summary>
    public string Key(string act) => $"tour-{Facts.RunId}-{act}";

    public void Remember(Func<TourFacts, TourFacts> learn) => Facts = learn(Facts);

    /// <summary>A line of narration.</summary>
    public void Say(FormattableString text)
    {
        var line = text.ToString(CultureInfo.InvariantCulture);
        lines.Add(line);
        output.Narrate("  " + line);
    }

    /// <summary>Something that was shown to be true; repeated in the summary.</summary>
    public void Prove(FormattableString sentence) => proved.Add(sentence.ToString(CultureInfo.InvariantCulture));

    public async Task<RunDetails> FollowAsync(GovernanceClient client, string runId, CancellationToken cancellationToken) =>
        await RunProgress.FollowAsync(client.WatchRunAsync(runId, cancellationToken), output, cancellationToken);

    /// <summary>An act that must be refused. That it is not, or for another reason, ends the tour.</summary>
    /// <param name="act">In words that follow "when".</param>
    public static async Task<Problem> RefusedAsync(string act, int status, IReadOnlyCollection<string> codes, Func<Task> attempt)
    {
        try
        {
            await attempt();
        }
        catch (GovernanceException e) when (e.Status == status && (codes.Count == 0 || codes.Contains(e.Code)))
        {
            return e.Problem;
        }
        catch (GovernanceException e) when (ExitCodes.Of(e.Problem) != ExitCodes.Unavailable)
        {
            throw new TourException($"Expected refusal {status} {string.Join(" or ", codes)} when {act}, but the answer was {e.Status} {e.Code}: {e.Message}");
        }

        throw new TourException($"Expected refusal {status} {string.Join(" or ", codes)} when {act}, but it was allowed.");
    }

    /// <summary>A fact the tour rests on; that it does not hold ends the tour.</summary>
    public static void Require(bool holds, string expectation)
    {
        if (!holds)
        {
            throw new TourException("Expected: " + expectation);
        }
    }

    /// <summary>Ends a step: what it said and showed.</summary>
    public (IReadOnlyList<string> Lines, IReadOnlyList<string> Proved) TakeRecord()
    {
        var record = (lines.ToArray(), proved.ToArray());
        lines.Clear();
        proved.Clear();
        return record;
    }
}
