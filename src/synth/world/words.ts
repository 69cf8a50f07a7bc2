// The words of columns, tables and values: for every meaning its names (an environment picks one) and its
// Chinese. Names of different meanings never coincide, so a name leads back to its meaning.

import type { Bilingual } from '../world-types.js';

/** All names of a meaning, the first of which is the meaning itself, and the Chinese. */
const COLUMNS = `
id,uid,key/编号 name,full_name,known_as/名称 title,heading,caption/标题 subject,summary,headline/主题
body,content,wording/正文 number,no,reference_number/号码 code,short_code,item_code/代码
email,mail_address,email_address/邮箱 phone,telephone,phone_number/电话
address,residence,location_address/住址 street,street_line,road/街道 area,borough,quarter_name/片区
zone,sector_zone,belt/分区 region,territory,province/地区 floor,storey,level_of_floor/楼层
tier,standing,membership/等级 points,bonus_points,credits/积分 born,birth_date,date_of_birth/出生日期
joined,member_since,joined_on/加入日期 blocked,is_blocked,barred/已封禁
discontinued,retired,withdrawn_from_sale/已停产 category,range,product_group/类别 kind,sort_of,type/种类
size,dimension,format/尺寸 colour,hue,shade/颜色 price,unit_price,rate_per_unit/价格
available,units_available,free_units/可用数量 rating,score,review_points/评分
weight,mass,weight_grams/重量 supplier,delivered_by,source_company/供应方
sector,form_of_ownership,ownership/所有制 lead_days,delivery_lead,days_to_deliver/交货天数
product,belongs_to,base_product/所属产品 thing,object,goods/物品 location,kept_at,storage_place/存放位置
site,stationed_at,where/所在地点 quantity,count,pieces/数量 reserved,held_back,earmarked/预留数量
expires,expiry,valid_until/到期日 quarantined,under_quarantine,isolated/已隔离
locked,is_locked,shut/已锁定 floor_space,area_units,space/面积 from,origin,start_point/起点
to,destination,end_point/终点 minutes,duration,duration_minutes/时长 distance,length,distance_units/距离
fare,ticket_price,charge/票价 mode,means,carried_by/方式 closed,out_of_service,suspended_line/已关闭
capacity,places,max_parallel/容量 step_free,barrier_free,accessible/无障碍 quiet,silent,is_quiet/安静
resource,booked_item,reserved_item/预订对象 holder,in_name_of,account_holder/持有人
starts,begins,start/开始 ends,finishes,end/结束 status,state,stage/状态 balance,funds,amount_held/余额
currency,unit_of_money,denomination/币种 frozen,is_frozen,on_hold/已冻结
source,paid_from,debit_side/付款方 target,paid_to,credit_side/收款方 amount,sum,value_moved/金额
time,timestamp,recorded_at/时间 segment,client_group,audience/客群 fee,tariff_fee,cost/资费
minimum,min_units,least_purchase/起订量 notice_days,cancellation_days,days_of_notice/提前天数
refundable,money_back,can_refund/可退款 provider,offered_by,provided_by/提供方
percent,reduction,percentage/百分比 threshold,from_amount,lowest_amount/门槛
stackable,combinable,can_combine/可叠加 organiser,host,called_by/组织者 topic,matter,concern/事项
seats,chairs,seat_count/座位数 priority,importance,precedence/优先级 meeting,at_meeting,event/所属会议
person,individual,human/人员 room,held_room,space_held/房间 requester,asked_by,applicant/申请人
opened,received_at,opened_at/受理时间 device,unit_concerned,gadget/设备 ticket,case,request_ref/所属工单
skill,trade,expertise/技能 shift_limit,max_jobs,job_limit/上限 rate,hourly_rate,wage/时薪
speaks_english,english_spoken,knows_english/会英语 years,experience,years_of_service/年资
certified,has_certificate,approved_mark/已认证 assignee,given_to,carried_out_by/执行人
worker,staff_member,absent_person/员工 role,function,position/角色 level,clearance,rank/级别
team,squad,crew/团队 department,division,unit/部门 login,account_name,user_name/登录名
suspended,deactivated,access_stopped/已停用 sensitivity,secrecy,classification/密级
user,granted_to,user_ref/用户 system,for_system,platform_ref/系统 access,right,permission/权限
issued,issue_date,dated/发布日期 supersedes,replaces,predecessor/取代
document,in_document,source_text/所属文件 limit,max_value,upper_bound/限值
subject_area,domain,field/领域 pages,page_count,sheets/页数 author,written_by,drafted_by/作者
party,partner,counterparty/缔约方 value,worth,figure/数值 exclusive,sole,exclusivity/独家
months,term_months,runtime/月数 covered,roofed,has_roof/有顶棚 line,on_line,connection/所属线路
leaves,departs,departure_time/出发时间 class,travel_class,comfort/舱位 meal,food_included,with_meal/含餐
unit_cost,cost_each,part_cost/单位成本 on_hand,in_store,stock_level/在库数量
grade_points,quality_points,grade_score/质量分 recyclable,can_recycle,reusable/可回收
total,sum_total,grand_total/总额 line_group,series,family/系列 released,is_released,cleared/已放行
assembly,in_assembly,built_into/所属组件 part,uses_part,component_part/零件
quota,allowance,included_units/配额 trial,has_trial,test_phase/可试用
support,help_channel,service_channel/支持方式 subscriber,contract_holder,subscribed_by/订阅方
plan,chosen_plan,package/所选方案 used,units_used,consumption/已用量
renews,auto_renewal,renews_itself/自动续订 subscription,contract_ref,for_subscription/所属订阅
invoice,bill,on_invoice/所属账单 item,position_kind,entry_kind/条目
owner,belongs_to_owner,in_hands_of/归属 model,make,device_model/型号
serial,serial_number,factory_number/序列号 hours,operating_hours,run_hours/运行小时
warranty,warranty_until,covered_until/保修期至 firmware,software_level,build/固件版本
mode_setting,operating_mode,run_mode/运行模式 power_saver,saving_mode,eco_mode/省电模式
flight_mode,airplane_mode,offline_mode/飞行模式 data_enabled,data_service,data_access/数据服务
sim_locked,card_locked,card_blocked/卡已锁定 band,radio_band,frequency_band/频段
calibrated,is_calibrated,adjusted/已校准 logging,recording_on,keeps_log/记录开启
cover_open,lid_open,case_open/盖板打开 gain,amplification,gain_setting/增益
interval,sampling_interval,every_minutes/采样间隔 upper,alarm_above,upper_limit/上阈值
lower,alarm_below,lower_limit/下阈值 accuracy,precision,accuracy_class/精度
sensor,measured_by,probe_ref/所属传感器 flagged,suspicious,marked/已标记
ceiling,approval_limit,highest_amount/审批上限 approver,decided_by,in_charge/审批人
submitted,handed_in,filed_at/提交时间 decided,decision_time,settled_at/决定时间
urgency,pressing,urgency_level/紧急度 request,concerns_request,on_request/所属申请
action,done,step_taken/操作 customer,ordered_by,client/顾客 placed,order_date,placed_on/下单日期
shipping,dispatch_by,delivery_method/配送方式 express,is_express,rush/加急 gift,as_gift,gift_wrap/礼品
order,in_order,purchase/所属订单 deposit,security,pledge/押金 condition,wear_points,state_points/成色
damaged,is_damaged,broken/已损坏 needs_training,training_required,trained_only/需培训
insured,is_insured,has_insurance/已投保 equipment,borrowed_item,lent_item/借用器材
borrower,lent_to,taken_by/借用人 grade,quality,finish/档次 path,file_path,file_name/文件路径
source_code,program_text,code_text/源代码 source_file,tested_file,file_under_test/所测文件
test_name,check_name,case_name/测试名称 test_arguments,call_arguments,given_arguments/调用参数
test_result,expected_result,wanted_result/期望结果 estimate,hours_planned,effort/预计工时
regression,worked_before,is_regression/曾经正常
`;

const TABLES = `
person/人员 address/地址 product/产品 variant/规格 supplier/供应商 location/库位 stock/库存 lane/通道
resource/资源 reservation/预订 account/账户 payment/付款 tariff/资费方案 discount/折扣 meeting/会议
guest/与会者 room/会议室 room_hold/会议室占用 ticket/工单 message/留言 fitter/安装师傅 visit/上门 user/用户
team/团队 system/系统 grant/授权 document/文件 clause/条款 agreement/协议 term/约定条款 stop/站点
line/线路 departure/班次 part/零件 assembly/组件 component/组成项 bin/料箱 worker/员工 shift/工作班
absence/缺勤 plan/方案 subscription/订阅 invoice/账单 invoice_line/账单行 device/设备 link/链路 sensor/传感器
reading/读数 approver/审批人 request/申请 audit_entry/审计记录 order/订单 order_item/订单项 equipment/器材
loan/借用 source_file/源文件 test_case/测试用例 issue/问题单 contact/联系人 site/地点 article/物品 company/公司
`;

const VALUES = `
EUR/欧元 USD/美元 CNY/人民币 admin/管理 administrator/管理员 alpha/甲 beta/乙 gamma/丙 auditor/审计员
auto/自动 base/基础 basic/普通 billing/账务 black/黑 blue/蓝 boat/船 bus/巴士 business/商务 camera/相机
care/服务 central/中部 ceramic/陶瓷 claims/索赔 clerk/职员 coarse/粗略 coast/沿海 commented/已批注
cooking/烹饪 copies/份数 courier/快递 credit_note/贷记 current/活期 damage/损坏 days_off/休假 deck/甲板
delay/延误 delivery_days/交付天数 delta/三角洲 deposit/定存 deposits/保证金 director/总监 distance/距离
double/双人 drill/电钻 driving/驾驶 east/东 electronic/电子 family/家庭 finance/财务 fine/精细 first/头等
flow/流量 glass/玻璃 gold/金级 green/绿 guarantee/质保 handset/手机 high/高 high_band/高频段 hills/丘陵
hours/工时 humidity/湿度 intern/实习生 internal/内部 interview/面谈 ladder/梯子 large/大 lease/租约
licence/许可 low/低 low_band/低频段 mail/邮件 manager/经理 manual/手动 medium/中 metal/金属 mid_band/中频段
mixed/混合 noise/噪声 normal/普通级 normal_gain/标准 north/北 notice/通知期 nursing/护理 onsite/上门支持
open/开放 optics/光学 overage/超量 paper/纸品 payment_days/付款天数 penalty/罚金 phone/电话 pickup/自提
plain/平原 planning/规划 plastic/塑料 post/邮寄 pressure/压力 prime/优等 privacy/隐私 private/私人
projector/投影仪 public/公共 purchase/采购 question/咨询 raw/原料 read/只读 red/红 reference/基准
renewal/续期 repair/维修 returned/已退回 review/评审 router/路由器 safe/安全 safety/安全生产 sales/销售
savings/储蓄 scanner/扫描仪 second/二等 secret/机密 service/服务 silver/银级 single/单人 small/小 south/南
speaker/音箱 standard/标准 storage/仓储 strong/强 supply/供货 support_fee/支持费 teaching/教学
technology/技术 temperature/温度 terminal_unit/终端机 textile/纺织 tool/工具 train/火车 training/培训
travel/差旅 urgent/紧急 viewed/已查看 visit/参观 visitors/访客 weak/弱 weight/重量 welding/焊接 west/西
white/白 wood/木材 write/读写 access/访问 cart/手推车 belt/传送带 truck/卡车 requested/待确认 confirmed/已确认
cancelled/已取消 draft/草稿 active/生效 ended/已结束 tentative/暂定 done/已完成 waiting/等待中 solved/已解决
closed/已关闭 electric/电气 plumbing/水暖 network/网络 carpentry/木工 published/已发布 withdrawn/已撤回
offered/待签 running/进行中 terminated/已终止 planned/已计划 paused/已暂停 submitted/已提交 reviewed/已审阅
approved/已批准 rejected/已驳回 paid/已付款 placed/已下单 shipped/已发货 delivered/已送达
`;

const pairs = (text: string): (readonly [string, string])[] =>
  text
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split('/') as [string, string]);

const columns = new Map(
  pairs(COLUMNS).map(([spelled, zh]) => {
    const names = spelled.split(',');
    return [names[0]!, { names, zh }] as const;
  }),
);
const tables = new Map(pairs(TABLES));
const values = new Map(pairs(VALUES));

export const readable = (name: string): string => name.replaceAll('_', ' ');

/** The names that a column of this meaning may have. @throws RangeError for a meaning without words */
export function columnNames(meaning: string): readonly string[] {
  return known(columns.get(meaning), meaning).names;
}

export function columnLabel(meaning: string, name: string): Bilingual {
  return { en: readable(name), zh: known(columns.get(meaning), meaning).zh };
}

export function tableLabel(meaning: string): Bilingual {
  return { en: readable(meaning), zh: known(tables.get(meaning), meaning) };
}

export function valueLabel(value: string): Bilingual {
  return { en: readable(value), zh: known(values.get(value), value) };
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new RangeError(`there are no words for ${what}`);
  return found;
}

/** Every meaning of a column, for checks of the words themselves. */
export const columnMeanings = (): string[] => [...columns.keys()];
