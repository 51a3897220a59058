using System.Security.Cryptography;
using System.Text.Json;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Erasure;
using Governance.Gateway.Identity;
using Governance.Gateway.Identity.Certificates;
using Governance.Gateway.Inference;
using Governance.Gateway.Inference.Nodes;
using Governance.Gateway.Inference.Protection;
using Governance.Gateway.Intake;
using Governance.Gateway.Keys;
using Governance.Gateway.Notifications;
using Governance.Gateway.Oversight;
using Governance.Gateway.Policy;
using Governance.Gateway.Portal;
using Governance.Gateway.PortalHost;
using Governance.Gateway.Reporting;
using Governance.Gateway.Runs;
using Governance.Gateway.Schedules;
using Governance.Gateway.Watching;
using Governance.Ledger;
using Governance.Models.Onnx;
using Governance.Policy.Gates;
using Governance.Policy.Life;
using Governance.Reports;
using Governance.Reports.Pdf;
using Governance.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Governance.Gateway.Hosting;

/// <summary>Composes the rooms into one application. Opening order: settings, policy, keys, logs, state; whatever fails stops the start.</summary>
internal static partial class GatewayApplication
{
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        var faults = options.Faults().ToList();
        if (faults.Count > 0)
        {
            throw new StartupRefusedException(string.Join(Environment.NewLine, faults));
        }

        var shipped = LoadPolicy(options.PolicyFolder);
        LogWitnessing.Load(options);
        var data = new DataFolder(options.DataFolder, options.ArtifactFolder);
        builder.AddGovernanceIdentity(data.Root);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxJsonBytes;
            kestrel.Limits.Protect(options.Protection);
            kestrel.AcceptClientCertificates();
        });
        // A request runs on the thread that read it, and its answer is sent by the thread that wrote it: nothing in it blocks.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        if (builder.Configuration["urls"] is null)
        {
            builder.WebHost.UseUrls("http://127.0.0.1:5080");
        }

        var keys = builder.Configuration.GetSection(PayloadKeyOptions.Section).Get<PayloadKeyOptions>() ?? new PayloadKeyOptions();
        keys.Check();
        AddRooms(builder.Services, options, keys, data);
        builder.AddGovernanceStore(options);
        builder.AddSchedules(options);
        var app = builder.Build();
        try
        {
            await RestoreAsync(app.Services, shipped);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        Map(app);
        return app;
    }

    private static (PackArchive Archive, PolicyPack Pack) LoadPolicy(string folder)
    {
        try
        {
            var archive = PackArchive.Read(folder);
            var loaded = archive.Load();
            return (archive, loaded.Pack ?? throw new StartupRefusedException(
                $"The policy pack in {folder} cannot be used:{Environment.NewLine}{string.Join(Environment.NewLine, loaded.Issues)}"));
        }
        catch (FormatException e)
        {
            throw new StartupRefusedException($"The policy pack in {folder} cannot be used: {e.Message}");
        }
    }

    private static void AddRooms(IServiceCollection services, GatewayOptions options, PayloadKeyOptions keys, DataFolder data)
    {
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        services.AddSingleton(data);
        services.AddSingleton(new OnnxLimits { FileBytes = options.MaxModelBytes });
        services.AddSingleton(_ => new ArtifactStore(data.Artifacts));
        services.AddSingleton<IEvidenceSigner>(_ => new EcdsaEvidenceSigner(EvidenceKey(data)));
        services.AddSingleton(_ =>
        {
            using var key = EvidenceKey(data);
            return new InstallationSecret(key);
        });
        services.AddSingleton(p => LogOpening.Open(options, keys, data, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => p.GetRequiredService<OpenLogs>().Logs);
        services.AddSingleton(p => p.GetRequiredService<OpenLogs>().Vault);
        services.AddSingleton<IDocumentStore, ArtifactDocuments>();
        services.AddSingleton(p => p.GetRequiredService<OpenLogs>().Keys);
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(keys));
        services.AddSingleton<PayloadKeyCustody>();
        services.AddWork<PayloadKeyRolling>();
        services.AddSingleton<Governor>();
        services.AddSingleton<PackLibrary>();
        services.AddSingleton<DecisionSource>();
        services.AddSingleton<PolicyProposals>();
        services.AddSingleton<EvidenceSource>();
        services.AddSingleton<LogAuditor>();
        services.AddSingleton<PolicyInForce>();
        services.AddSingleton<ReviewTests>();
        services.AddSingleton<CommandPath>();
        services.AddSingleton<Views>();
        services.AddSingleton<DatasetReader>();
        services.AddSingleton<DatasetIntake>();
        services.AddSingleton<ModelIntake>();
        services.AddSingleton<RunProgressBoard>();
        services.AddSingleton(p => new RunEngine(options.Jobs, data, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new RunQueue(
            model => p.GetRequiredService<Governor>().State.Model(model)?.Registration.Owner ?? "", team => options.Jobs.Quotas.Of(team).Running, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RunExplainer>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<RunSettingsReader>();
        services.AddSingleton<RunBook>();
        services.AddHostedService<RunWorker>();
        services.AddHostedService<InferenceLogAnchoring>();
        services.AddWork<MonitorSchedule>();
        services.AddHostedService<LogWitnessing>();
        services.AddWork<TimeWatch>();
        services.AddWork<DeadlineReminding>();
        services.AddWork<Revalidation>();
        services.AddHostedService<WebhookDelivery>();
        services.AddInference();
        services.AddWatching();
        services.AddGovernanceTelemetry(options.Telemetry);
        services.AddSingleton(ReportLibrary.Load(ReportLibrary.DefaultFolder));
        services.TryAddSingleton<IPdfRenderer>(p => new WeasyPrintRenderer(p.GetRequiredService<ReportLibrary>().Html, new WeasyPrintOptions()));
        services.AddSingleton<ReportInputs>();
        services.AddSingleton<SubjectErasure>();
        services.AddExceptionHandler<ProblemHandling>();
        services.Configure<JsonOptions>(json => UseGovernanceJson(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi();
        services.AddPortal();
        services.AddSingleton<IPortalReader, PortalReader>();
        services.AddSingleton<IPortalActions, PortalActions>();
        services.AddSingleton<IPortalPolicies, PortalPolicies>();
        services.AddSingleton<IPortalRuns, PortalRuns>();
    }

    private static ECDsa EvidenceKey(DataFolder data)
    {
        var path = Path.Combine(data.Keys, "evidence.pem");
        return KeyFile.LoadOrCreateP256(path, ifExposed: $"Run: chmod 600 {path}", ifUnreadable: "Restore it: what it signed is verified with it.");
    }

    private static void UseGovernanceJson(JsonSerializerOptions target)
    {
        var source = GovernanceJson.Options;
        target.DefaultIgnoreCondition = source.DefaultIgnoreCondition;
        target.NumberHandling = source.NumberHandling;
        target.UnmappedMemberHandling = source.UnmappedMemberHandling;
        target.AllowDuplicateProperties = source.AllowDuplicateProperties;
        target.RespectNullableAnnotations = source.RespectNullableAnnotations;
        target.RespectRequiredConstructorParameters = source.RespectRequiredConstructorParameters;
        target.MaxDepth = source.MaxDepth;
        target.Encoder = source.Encoder;
        target.TypeInfoResolver = source.TypeInfoResolver;
        foreach (var converter in source.Converters)
        {
            target.Converters.Add(converter);
        }
    }

    /// <summary>Opens the logs, folds the events, and brings the configured pack into force when none is.</summary>
    private static async Task RestoreAsync(IServiceProvider services, (PackArchive Archive, PolicyPack Pack) shipped)
    {
        var governor = services.GetRequiredService<Governor>();
        await governor.CatchUpAsync(CancellationToken.None);
        await (services.GetService<NodeRegistration>()?.RegisterAsync(CancellationToken.None) ?? Task.CompletedTask);
        services.GetRequiredService<PayloadKeyCustody>().RefuseRollback();
        var policy = services.GetRequiredService<PolicyInForce>();
        var (archive, pack) = shipped;
        await services.GetRequiredService<ArtifactStore>().PutAsync(archive.Bytes, CancellationToken.None);
        var outcome = await governor.ExecuteAsync(
            new InstallPolicy(pack.Name, pack.Version, pack.Digest, pack.ParamsDigest, archive.Digest), SystemCaller.Instance, policy.Gate, request: null, CancellationToken.None);
        if (outcome is CommandOutcome.Refused refused)
        {
            throw new LedgerUnavailableException(refused.Refusal.Detail);
        }

        try
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Governance.Policy");
            if (policy.Pack.Identity != pack.Identity)
            {
                OtherPack(logger, pack.Name, pack.Version, policy.Pack.Name, policy.Pack.Version);
            }
        }
        catch (PolicyUnavailableException e)
        {
            throw new StartupRefusedException($"{e.Message} Restore the artefact store, or start once with --policy and the folder of that pack.");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The folder holds the pack {Folder} {FolderVersion}; in force is {Name} {Version}. Propose it: gov policy propose")]
    private static partial void OtherPack(ILogger logger, string folder, string folderVersion, string name, string version);

    private static void Map(WebApplication app)
    {
        app.UseTraceNames();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(async context =>
        {
            var http = context.HttpContext;
            await Problems.WriteAsync(http, Problems.OfStatus(http.Response.StatusCode));
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGovernanceIdentity();
        app.MapHealth();
        app.MapOpenApi().AllowAnonymous();
        var api = app.MapGroup("/api/v1").RequireAuthorization();
        api.MapMe();
        api.MapModels();
        api.MapDatasets();
        api.MapVersions();
        api.MapRoutes();
        api.MapDocuments();
        api.MapRuns();
        api.MapPolicy();
        api.MapGates();
        api.MapLedger();
        api.MapFindings();
        api.MapWaivers();
        api.MapErasures();
        api.MapKeys();
        api.MapSchedules();
        api.MapDecisions();
        api.MapReviews();
        api.MapReports();
        api.MapWatching();
        app.MapInference();
        app.MapMlflow();
        app.MapPortal();
    }
}
