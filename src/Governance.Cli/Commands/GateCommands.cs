using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Policy.Life;

namespace Governance.Cli.Commands;

/// <summary><c>gov gate</c>: asking gates, and computing their recorded decisions again.</summary>
internal static class GateCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("gate", "Gates: ask one, show or replay a recorded decision",
        Evaluate(factory), Show(factory), Replay(factory));

    private static Command Evaluate(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var gate = Values.Word("--gate", "Gate to ask", GateNames.Submit, GateNames.Approve, GateNames.Promote, GateNames.Monitor);
        var target = Values.Choice<PromotionTarget>("--target", "Target of a promotion", PromotionTarget.Champion);
        return factory.Leaf("evaluate", "What a gate would say about a version now (nothing is recorded)", ["gov gate evaluate home-loans 2 --gate approve --as victor"],
            [model, version, gate, target],
            async (run, cancellationToken) =>
            {
                var name = run.Get(gate);
                var decision = await run.Client.EvaluateGateAsync(
                    run.Get(model), run.Get(version), name, name == GateNames.Promote ? run.Get(target) : null, cancellationToken);
                run.Output.Result(decision, GateView.Show);
                return decision.Status == GateStatus.Allowed ? ExitCodes.Ok : ExitCodes.Gate;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var decision = Decision();
        return factory.Leaf("show", "Show a recorded decision", ["gov gate show 41 --as audrey"], [decision], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetGateDecisionAsync(run.Get(decision), cancellationToken), static (console, d) =>
            {
                Draw.Line(console, $"Version {Draw.Number(d.Version)} of {d.ModelId}, {Draw.Time(d.Time)}, ledger entry {Draw.Number(d.LedgerIndex)}");
                GateView.Show(console, d.Decision);
            });
            return ExitCodes.Ok;
        });
    }

    private static Command Replay(CommandFactory factory)
    {
        var decision = Decision();
        var data = Values.Optional<string?>("--data", "Data folder of a gateway, or a copy of it: computed here, without the gateway");
        return factory.Leaf("replay", "Compute a recorded decision again from its stored pack and input, and compare every byte",
            ["gov gate replay 41 --as audrey", "gov gate replay 41 --data copy-of-data"], [decision, data],
            async (run, cancellationToken) =>
            {
                var verdict = run.Get(data) is { } folder
                    ? Offline(DataCopy.Open(folder), run.Get(decision), cancellationToken)
                    : await run.Client.ReplayGateDecisionAsync(run.Get(decision), cancellationToken);
                run.Output.Result(verdict, PolicyViews.Replay);
                return verdict.Reproduced ? ExitCodes.Ok : ExitCodes.VerificationFailed;
            });
    }

    private static ReplayVerdict Offline(DataCopy copy, long index, CancellationToken cancellationToken) =>
        index >= 0 && index < copy.Events.Count ? copy.Events[(int)index] switch
        {
            { Event: GateDecided e } recorded => DecisionReplay.Replay(new PastDecision(index, recorded.Time, e), copy.Read, copy.State.Policies.Archive, cancellationToken),
            { Event: GateEvaluated } => throw new CliException(ExitCodes.Conflict, "This decision was recorded before inputs were kept; only its digests are known."),
            _ => throw NoDecision(index),
        }
        : throw NoDecision(index);

    private static CliException NoDecision(long index) =>
        CliException.NotFound($"Entry {index} of the governance log is not a gate's decision.", "gov ledger tail lists entries; look for gate.decided.");

    private static Argument<long> Decision() => new("decision") { Description = "Entry of the governance log that records the decision" };
}
