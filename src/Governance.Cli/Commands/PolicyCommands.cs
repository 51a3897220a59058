using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Core.Gates;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Policy.Life;

namespace Governance.Cli.Commands;

/// <summary><c>gov policy</c>: the rules of the gates. What reads a folder works without a gateway; the rest is in <see cref="PolicyLifeCommands"/>.</summary>
internal static class PolicyCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("policy", "The rules of the gates: write, test, propose, approve",
        Lint(factory), Test(factory), Explain(factory), Diff(factory), Applicability(factory), PolicyLifeCommands.DryRun(factory), PolicyLifeCommands.Propose(factory),
        PolicyLifeCommands.Approve(factory), PolicyLifeCommands.Withdraw(factory), PolicyLifeCommands.Proposal(factory), PolicyLifeCommands.List(factory), Show(factory));

    private static Command Lint(CommandFactory factory)
    {
        var folder = Folder();
        return factory.Leaf("lint", "Read and type-check a policy pack", ["gov policy lint policies/starter"], [folder], (run, _) =>
        {
            var load = Load(run.Get(folder));
            var result = load.Pack is { } pack
                ? new PolicyLint(true, pack.Name, pack.Version, pack.Digest.ToString(), pack.ParamsDigest.ToString(), pack.Rules, [])
                : new PolicyLint(false, null, null, null, null, [], [.. load.Issues.Select(i => i.ToString())]);
            run.Output.Result(result, PolicyViews.Lint);
            return Task.FromResult(result.Valid ? ExitCodes.Ok : ExitCodes.Invalid);
        });
    }

    private static Command Test(CommandFactory factory)
    {
        var folder = Folder();
        var tests = Values.Optional<string?>("--tests", "Folder of the tests [default: tests in the pack]");
        return factory.Leaf("test", "Run a pack's tests", ["gov policy test policies/starter"], [folder, tests], (run, cancellationToken) =>
        {
            var pack = Require(run.Get(folder));
            var path = run.Get(tests) ?? Path.Combine(run.Get(folder), "tests");
            if (!Directory.Exists(path))
            {
                throw CliException.NotFound($"There is no folder {path}.", "A test is a folder with input.yaml and expected.yaml.");
            }

            var report = PolicyTestRunner.Run(pack, path, cancellationToken);
            run.Output.Result(PolicyTests.Of(report), PolicyViews.Tests);
            return Task.FromResult(report.Passed ? ExitCodes.Ok : ExitCodes.VerificationFailed);
        });
    }

    private static Command Explain(CommandFactory factory)
    {
        var folder = Folder();
        var input = new Option<string>("--input") { Description = "The gate's input as JSON; '-' for standard input", Required = true, HelpName = "file" };
        var gate = new Option<string>("--gate") { Description = "Gate to ask", DefaultValueFactory = _ => "promote", HelpName = "name" };
        return factory.Leaf("explain", "Evaluate a gate on an input and explain every rule", ["gov policy explain policies/starter --input input.json --gate promote"], [folder, input, gate],
            async (run, cancellationToken) =>
            {
                var pack = Require(run.Get(folder));
                var document = await InputFiles.ReadObjectAsync(run.Get(input), run.Terminal.In, cancellationToken);
                try
                {
                    var decision = GateEvaluator.Evaluate(pack, run.Get(gate), document, cancellationToken);
                    run.Output.Result(decision, GateView.Show);
                    return decision.Status == GateStatus.Allowed ? ExitCodes.Ok : ExitCodes.Gate;
                }
                catch (GateInputException e)
                {
                    throw CliException.Invalid(e.Message);
                }
            });
    }

    private static Command Diff(CommandFactory factory)
    {
        var before = new Argument<string>("before") { Description = "Folder of the earlier pack" };
        var after = new Argument<string>("after") { Description = "Folder of the later pack" };
        return factory.Leaf("diff", "What a pack says otherwise than another: rules, limits, bindings; not how it is written",
            ["gov policy diff policies/starter policies/house"], [before, after], (run, _) =>
            {
                var changes = PolicyDiff.Compare(Require(run.Get(before)), Require(run.Get(after)));
                run.Output.Result(changes, PolicyViews.Diff);
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static Command Applicability(CommandFactory factory)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of all packs, with gate-rules.yaml and controls.yaml" };
        return factory.Leaf("applicability", "Which rules meet which controls of NIST AI RMF and ISO/IEC 42001", ["gov policy applicability policies"], [folder], (run, _) =>
        {
            try
            {
                var statement = StatementOfApplicability.Load(run.Get(folder));
                run.Output.Result(statement, static (console, s) => console.Profile.Out.Writer.Write(s.Markdown()));
                return Task.FromResult(ExitCodes.Ok);
            }
            catch (FormatException e)
            {
                throw CliException.Invalid(e.Message);
            }
            catch (FileNotFoundException e)
            {
                throw CliException.NotFound($"There is no file {e.FileName}.");
            }
            catch (DirectoryNotFoundException)
            {
                throw CliException.NotFound($"There is no folder {run.Get(folder)}.");
            }
        });
    }

    private static Command Show(CommandFactory factory) =>
        factory.Leaf("show", "The policy pack in force on the gateway", ["gov policy show --as carla"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetPolicyAsync(cancellationToken), PolicyViews.InForce);
            return ExitCodes.Ok;
        });

    private static Argument<string> Folder() => new("folder") { Description = "Folder of the policy pack" };

    private static PolicyPackLoad Load(string folder) =>
        Directory.Exists(folder) ? PolicyPack.Load(folder) : throw CliException.NotFound($"There is no folder {folder}.");

    private static PolicyPack Require(string folder) =>
        Load(folder) is { Pack: { } pack } ? pack : throw CliException.Invalid($"The policy pack in {folder} has faults.", $"See: gov policy lint {folder}");
}
