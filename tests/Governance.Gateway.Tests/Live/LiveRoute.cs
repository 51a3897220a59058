using Governance.Client.Contracts;
using Governance.Gateway.Tests.Api;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Gateway.Tests.Live;

/// <summary>The lender's route under a policy that asks for little, so that versions can follow each other quickly.</summary>
internal static class LiveRoute
{
    public const string Path = "/api/v1/routes/" + Lender.Model;

    /// <summary>The lender's model once more, deciding a little differently: another file of the same inputs.</summary>
    public static byte[] Other { get; } = Written(Reference with { Intercept = Reference.Intercept + 0.01 });

    /// <summary>Yet another.</summary>
    public static byte[] Another { get; } = Written(Reference with { Intercept = Reference.Intercept + 0.02 });

    /// <summary>A model that passes the scan and answers NaN, whatever it is asked.</summary>
    public static byte[] NotANumber { get; } = Written(Reference with { Intercept = double.NaN });

    private static LogisticModel Reference => (LogisticModel)Lender.Corrected.Reference;

    /// <summary>Puts the policy into force and submits a file as version 3.</summary>
    public static async Task WithThirdAsync(TestGateway gateway, byte[] onnx)
    {
        await Lender.PublishAsync(gateway, Lenient());
        var third = Lender.Corrected with { Onnx = onnx };
        Assert.Equal(3, await Lender.SubmitAsync(gateway, third, Lender.Reviewed));
    }

    /// <summary>Whom a request is about matters to a canary; without an id nothing is remembered.</summary>
    public static string Call(string subject, int row = 0)
    {
        var call = Lender.Call(subject, row);
        call.Remove("id");
        return call.ToJsonString();
    }

    public static PolicyFiles Lenient() => new(
        new Dictionary<string, string>
        {
            ["pack.yaml"] = """
                apiVersion: governance/v1
                kind: Pack
                metadata: {name: lenient, version: 1.0.0, title: Asks for little, description: For tests of serving.}
                """,
            ["tier.yaml"] = """
                apiVersion: governance/v1
                kind: Policy
                metadata: {name: tier, title: Tier}
                spec:
                  validations:
                    - id: tier-known
                      title: The model has a tier
                      expression: model.tier > 0
                      message: It has none.
                      citation: House
                      rationale: Without a tier nobody knows what is asked.
                      remediation: Confirm the tier.
                ---
                apiVersion: governance/v1
                kind: Binding
                metadata: {name: tier-everywhere}
                spec: {policy: tier}
                """,
        },
        new Dictionary<string, string>
        {
            ["any/input.yaml"] = "model: {tier: 1}\n",
            ["any/expected.yaml"] = "gate: promote\nstatus: allowed\n",
        });

    private static byte[] Written(LogisticModel model) => OnnxWriter.Write(model, "scorecard_v3");
}
